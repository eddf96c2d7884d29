"""Trained weights, each with a card that says on what, when and how well; and the one way to open them.

`card` is the schema, `card_files` writes it, `loader` finds and checks models and reads arrays, `network` runs ONNX.
"""
