"""Eyes: frame sources and the reader that turns a grey frame into QR texts."""
