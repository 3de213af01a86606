"""Work guides, flow charts, file templates and the like: what a body issues for those below it to work by."""
