"""Training of the embedding on labelled albums, and the gate that keeps a worse model out."""
