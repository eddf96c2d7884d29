"""Identification of sheet-metal parts with position and rotation, by effective mean square difference (EMSD)."""
