"""Frame sources: cameras, files, the demo's simulated camera; `opening.open_source` opens one."""
