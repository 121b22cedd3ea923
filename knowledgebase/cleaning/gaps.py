"""What stands where a number or an address was taken out, until the sentence is closed around it."""

GAP = " \ue000 "
