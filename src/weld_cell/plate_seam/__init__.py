"""The seam between clamped plates in one image of the area camera: located, refined, measured.

The steps in their order, a file each: `denoise`, `edges`, `lines` (the paper's chain) or `evidence`, `follow`,
`profiles`, `gap_fit` and `lap_fit` (sub-pixel), then `fit`, `ends`, `measure` and `refusals`; `trace` and `survey`
compose them. `reduce`, `locate` and `network` find the regions, `regions` says where is looked.
"""
