module example.org/watermark

go 1.26.0

require github.com/redistill-go/redistill v0.0.0

replace github.com/redistill-go/redistill => ../../../..
