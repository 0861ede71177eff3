"""The live process: one asyncio loop that pushes what changed in the city to everybody who listens."""
