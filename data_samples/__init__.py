"""Small synthetic inputs that ship with the project."""
