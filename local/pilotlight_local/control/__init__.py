"""What only an emulator has: its pace, regions that can be lost, and executions that somebody else runs."""
