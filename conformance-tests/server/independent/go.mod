module coffre.invalid/independent

go 1.23
