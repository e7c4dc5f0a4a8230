"""The answers that a copy is made from: the questions, what was given, and what is wrong with it."""
