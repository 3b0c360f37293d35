"""What an operator does to publish trust: keys, metadata, targets. Never imported by the gate."""
