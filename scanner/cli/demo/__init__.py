"""`checkpoint demo`: hub, gate, sync, kiosk and a queue of people, all real but the lens."""
