"""Supervised fine-tuning: what a tokenizer must be, the training run, and answers of a model.

Only child processes import torch: `train.run_child` and `generate.answers` start them, so a
process that is killed for memory fails one step and not the flow.
"""
