// modelc OUT MODEL.json...: writes OUT/aws/models/<service>.{h,cc} for each model.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "modelc.h"

namespace {

std::string head(std::string_view what) {
  return "// Made by tools/modelc of third_party/aws-models: " + std::string(what) + ".\n";
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::cerr << "usage: modelc OUT MODEL.json...\n";
    return 2;
  }
  const std::filesystem::path out(arguments[1]);
  for (int i = 2; i < count; ++i) {
    const std::filesystem::path path(arguments[i]);
    std::ifstream file(path);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto model = weir::aws::Model::read(path.stem().string(), text);
    if (!model) {
      std::cerr << path.string() << ": " << model.error().message << "\n";
      return 1;
    }
    const std::string name = weir::modelc::name_space(path.stem().string());
    const auto folder = out / "aws" / "models";
    write(folder / (name + ".h"), head("typed structs") + weir::modelc::header(**model));
    write(folder / (name + ".cc"),
          head("tables") + weir::modelc::tables(**model) + weir::modelc::types(**model));
  }
  return 0;
}
