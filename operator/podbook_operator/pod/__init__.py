"""An attempt's pod: its manifest, and what it says about itself."""
