"""Running what a copy holds: its acceptance suite, which starts the spikes and judges them."""
