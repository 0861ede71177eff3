"""The scenarios that come with the project; they enter through the same door as a stranger's."""
