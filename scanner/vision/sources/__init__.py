"""One file a kind of frame source; all of them look like `FrameSource`."""
