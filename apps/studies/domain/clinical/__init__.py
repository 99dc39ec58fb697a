"""What records of a subject mean: the one room where SDTM values are judged and put into words."""
