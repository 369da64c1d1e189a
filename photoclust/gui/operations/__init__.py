"""What pages ask of an open library, by topic: plain functions for the threads of the desk."""
