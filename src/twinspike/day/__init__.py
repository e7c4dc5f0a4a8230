"""The day: changes, what each costs in both spikes, and the board that shows it."""
