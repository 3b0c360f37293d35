"""What hangs on the box: barcode scanners, relay, lights, sound, thermometer."""
