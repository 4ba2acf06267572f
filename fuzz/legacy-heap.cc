#include "decoder_target.h"

GOPSY_FUZZ_DECODER("legacy-heap");
