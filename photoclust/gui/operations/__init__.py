"""What single topics of the window ask of the services; everything here runs off the main thread."""
