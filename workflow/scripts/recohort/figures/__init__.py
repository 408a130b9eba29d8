"""The figures of a study: frames in, matplotlib figures out; style.save writes them."""
