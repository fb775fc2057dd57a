"""CloudFormation for the emulator: our own deployment engine and resource types over moto's backends."""
