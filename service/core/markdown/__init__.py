"""The parts of CommonMark and GFM that detection needs: blocks, inline text, source positions."""
