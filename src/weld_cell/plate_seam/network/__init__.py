"""Shuffle-YOLOv8: YOLOv8's neck and head on a backbone of ShuffleNetV2 units; needs torch.

Source: Machines 2025, 13(11), 992, section 4.3.1 and figures 14 and 15. Written from the building blocks' own papers:
ShuffleNetV2 (Ma et al. 2018), SPP (He et al. 2015), PAN (Liu et al. 2018), DFL (Li et al. 2020), TOOD (Feng et al.
2021), CIoU (Zheng et al. 2020).
"""
