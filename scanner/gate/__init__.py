"""The gate daemon: pure orchestration in `pipeline`, threads and sockets in `service`."""
