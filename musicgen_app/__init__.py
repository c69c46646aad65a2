"""MusicGen Composer: train a small LSTM on MIDI files, then generate, hear and edit its music."""

__version__ = "0.1.0"
