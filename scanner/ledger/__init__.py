"""The record: exact JSON lines in a hash chain, durable before anyone is admitted."""
