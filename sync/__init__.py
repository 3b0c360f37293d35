"""Between gate and hub: the protocol, the agent on the gate, the hub."""
