#include "app/serve.h"
#include "cli/run.h"

int main(int argc, char** argv) { return weir::cli::run(argc, argv, &weir::app::serve); }
