"""What single topics of the window ask of the services; all of it runs off the main thread."""
