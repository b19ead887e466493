"""Films offered to an edition: facts, credits, declaration, reels, receipts, decisions."""
