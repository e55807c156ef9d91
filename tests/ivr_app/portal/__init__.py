"""The portal of a sample line, visited in this process by contacts of several contracts."""
