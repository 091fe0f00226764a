#include "config/files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace weir::config {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  Files() {
    std::string name = (fs::temp_directory_path() / "weir_files_XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~Files() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
  }
  std::vector<std::string> read(const fs::path& path) {
    Findings findings;
    document_ = read_files(path.string(), findings);
    std::vector<std::string> texts;
    for (const Mistake& mistake : findings.locate(document_)) texts.push_back(to_string(mistake));
    return texts;
  }

  fs::path folder_;
  Document document_;
};

using Texts = std::vector<std::string>;

TEST_F(Files, MergesTheSectionsOfAFolder) {
  write("b.yaml", "groups: { y: 2 }\nworkers: 3\n");
  write("a.yml", "groups: { x: 1 }\n");
  write(".hidden.yaml", "groups: { z: 1 }\n");
  write("notes.txt", "nothing");

  EXPECT_EQ(read(folder_), Texts{});
  const Node& groups = document_.root.find("groups")->value;
  EXPECT_EQ(groups.entries.size(), 2u);
  EXPECT_EQ(groups.find("y")->value.place, (Place{1, 1, 14}));
  EXPECT_EQ(document_.root.find("workers")->value.text, "3");
}

TEST_F(Files, TheSameNameInTwoFilesNamesBothPlaces) {
  write("a.yaml", "groups: { x: 1 }\nworkers: 1\n");
  write("b.yaml", "workers: 2\ngroups:\n  x: 2\n");
  const std::string a = (folder_ / "a.yaml").string();
  const std::string b = (folder_ / "b.yaml").string();

  EXPECT_EQ(read(folder_),
            (Texts{b + ":1:1: workers: 'workers' is already in " + a + ":2:1: keep one of them",
                   b + ":3:3: groups.x: 'x' is already in " + a + ":1:11: keep one of them"}));
}

TEST_F(Files, SaysWhyThereIsNothingToRead) {
  EXPECT_NE(read(folder_ / "none.yaml").at(0).find("No such file or directory"), std::string::npos);
  EXPECT_NE(read(folder_).at(0).find("holds no *.yaml file"), std::string::npos);
}

TEST_F(Files, AMistakeInOneFileDoesNotHideAnother) {
  write("a.yaml", "a: [\n");
  write("b.yaml", "- x\n");
  write("c.yaml", "c: 1\nc: 2\n");

  const auto mistakes = read(folder_);

  ASSERT_EQ(mistakes.size(), 3u);
  EXPECT_NE(mistakes[0].find("a.yaml:2:1: is not YAML"), std::string::npos);
  EXPECT_NE(mistakes[1].find("b.yaml:1:1: is a list"), std::string::npos);
  EXPECT_NE(mistakes[2].find("c.yaml:2:1: c: the key 'c' occurs twice"), std::string::npos);
}

}  // namespace
}  // namespace weir::config
