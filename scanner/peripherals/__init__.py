"""What hangs on the box: relay, lights, sound, thermometer."""
