#!/usr/bin/env python3
"""Each check of the house refuses a bad sample and lets a good one pass."""
import unittest

import check_awaits
import check_aws_members
import check_layers
import check_sizes
import source

RULES = check_layers.read_rules("""
# folder: what it may include
base:
model:
net:    model    # bytes and time
proxy:  net model
app:    *
""")


class Layers(unittest.TestCase):
    def refused(self, name, text, *parts):
        found = check_layers.mistakes_in_file(RULES, name, text)
        self.assertEqual(len(found), 1, found)
        for part in parts:
            self.assertIn(part, found[0])

    def passes(self, name, text):
        self.assertEqual(check_layers.mistakes_in_file(RULES, name, text), [])

    def test_refuses_an_include_from_above(self):
        self.refused("net/a.cc", '\n#include "proxy/a.h"\n', "src/net/a.cc:2:", "net may not include proxy")
        self.refused("model/a.h", '  #  include "net/a.h"\n', "model may not include net")
        self.refused("base/a.h", '#include "model/a.h"\n', "base may not include model")

    def test_refuses_includes_that_are_not_from_src(self):
        self.refused("net/a.cc", '#include "b.h"\n', '"net/b.h"')
        self.refused("net/a.cc", '#include "../proxy/b.h"\n', "relative to src/")

    def test_refuses_a_folder_without_a_line(self):
        self.refused("nowhere/a.cc", "", "no line in layers.txt")

    def test_refuses_asking_the_system_for_time_or_chance(self):
        for text in ("auto t = std::chrono::steady_clock::now();", "system_clock :: now()", "::time(nullptr)",
                     "time(NULL)", "std::time(&t)", "std::random_device device;", "rand()", "std::rand()",
                     "srand(1)", "clock_gettime(CLOCK_MONOTONIC, &t);", "getrandom(&x, 8, 0)", "::random()"):
            self.refused("net/a.cc", f"int a;\n{text}\n", "src/net/a.cc:2:", "take a Clock or a Random")

    def test_passes_what_is_allowed(self):
        self.passes("proxy/a.cc", '#include "base/a.h"\n#include "net/a.h"\n#include "proxy/b.h"\n#include <ctime>\n')
        self.passes("app/a.cc", '#include "proxy/a.h"\n')
        self.passes("base/clock.cc", "std::chrono::steady_clock::now()")
        self.passes("net/loop_bench.cc", "std::chrono::steady_clock::now()")
        self.passes("net/a.cc", "clock.now(); random(); random.below(3); response.time(0); first_time(0); random_.unit();")

    def test_ignores_comments_and_strings(self):
        self.passes("net/a.cc", '// #include "proxy/a.h"\n/*\n#include "proxy/a.h"\n*/\nauto s = "rand()"; // rand()\n')
        self.passes("net/a.cc", 'auto s = R"x(\n rand() " )x";\n')

    def test_refuses_circles_and_unknown_names_in_the_rules(self):
        circle = check_layers.read_rules("a: b\nb: c\nc: a\n")
        self.assertTrue(check_layers.mistakes_in_rules(circle))
        self.assertTrue(check_layers.mistakes_in_rules(check_layers.read_rules("a: b\n")))
        self.assertEqual(check_layers.mistakes_in_rules(RULES), [])


class Awaits(unittest.TestCase):
    def refused(self, text):
        self.assertTrue(check_awaits.mistakes("a.cc", "Task<> f() {\n" + text + "\n}"), text)

    def passes(self, text):
        self.assertEqual(check_awaits.mistakes("a.cc", "Task<> f() {\n" + text + "\n}"), [], text)

    def test_refuses_a_braced_object_in_place(self):
        self.refused("co_await connect({host, port});")
        self.refused("co_await connect(Options{host, port});")
        self.refused("auto c = co_await connect(std::vector<int>{1, 2});")
        self.refused("co_await pool.take(\n    Deadline{1s},\n    x);")
        self.refused("CO_TRY(auto c, co_await connect(Options{host}));")
        self.refused("CO_TRY_VOID(co_await connect(Options{host}));")

    def test_refuses_a_lambda_in_place(self):
        self.refused("co_await submit([&] { return 1; });")
        self.refused("co_await submit([x = y](int a) mutable -> int { return a; });")
        self.refused("auto r = co_await submit(1, [] { return 1; });")

    def test_refuses_co_await_inside_a_larger_expression(self):
        self.refused("use(co_await f());")
        self.refused("int n = 1 + co_await f();")
        self.refused("if (co_await f()) return;")
        self.refused("while (!co_await f()) {}")
        self.refused("auto v = (co_await f()).value();")
        self.refused("int n = a == co_await f();")

    def test_refuses_a_lambda_that_is_a_coroutine(self):
        self.refused("auto f = [](int& n) -> Task<> { n = 1; co_return; };")
        self.refused("scope.spawn([this]() -> Task<> { co_await stop(); }());")

    def test_passes_whole_statements_and_declarations(self):
        self.passes("co_await f();")
        self.passes("auto r = co_await f(a, b[1], g(c));")
        self.passes("total = co_await f();\n  total += 1;")
        self.passes("co_return co_await f();")
        self.passes("if (ready) co_await f();")
        self.passes("for (int i = 0; i < n; ++i) co_await Yield{};")
        self.passes("else co_await f();")
        self.passes("CO_TRY(auto h, co_await half(n));")
        self.passes("CO_TRY_VOID(co_await half(n));")
        self.passes("auto options = Options{host};\n  co_await connect(options);")
        self.passes("auto less = [](int a, int b) { return a < b; };\n  co_await sort(less);")
        self.passes("[[maybe_unused]] auto x = co_await f();")

    def test_ignores_comments_and_strings(self):
        self.passes("// co_await f(Options{x});\n  auto s = \"co_await f({})\";")

    def test_names_the_line(self):
        found = check_awaits.mistakes("a.cc", "Task<> f() {\n\n  co_await g({1});\n}")
        self.assertEqual(found, ["a.cc:3: name the temporary on the line before co_await"])


class Sizes(unittest.TestCase):
    def test_refuses_the_601st_line(self):
        self.assertEqual(check_sizes.mistakes("a.cc", "x\n" * 600), [])
        self.assertEqual(len(check_sizes.mistakes("a.cc", "x\n" * 601)), 1)


class AwsMembers(unittest.TestCase):
    MODEL = {"operations": {"Go": {"input": {"shape": "In"}}},
             "shapes": {"In": {"members": {"Name": {"shape": "Text"}, "Deep": {"shape": "Part"}}},
                        "Part": {"members": {"Size": {"shape": "Text"}}}, "Text": {}}}

    def mistakes(self, used, refusals=frozenset(), operations=frozenset({"Go"})):
        return check_aws_members.mistakes("here", self.MODEL, set(operations), set(refusals), set(used))

    def test_refuses_a_member_that_is_taken_in_silence(self):
        self.assertEqual(len(self.mistakes({"Name", "Deep"})), 1)

    def test_passes_what_is_used_or_refused(self):
        self.assertEqual(self.mistakes({"Name", "Deep", "Size"}), [])
        self.assertEqual(self.mistakes({"Name"}, {("In", "Deep")}), [])

    def test_refuses_names_that_are_not_in_the_model(self):
        self.assertEqual(len(self.mistakes({"Name", "Deep", "Size"}, {("In", "Dept")})), 1)
        self.assertEqual(len(self.mistakes({"Name"}, (), {"Stay"})), 1)


class Code(unittest.TestCase):
    def test_keeps_every_offset(self):
        text = 'a // b\n"c\\"d" R"(e\nf)" 1\'000 \'"\' /* g\n */ h'
        self.assertEqual(len(source.code(text)), len(text))
        self.assertEqual([c for c in source.code(text) if c.isalpha()], ["a", "h"])
        self.assertIn("1'000", source.code(text))


if __name__ == "__main__":
    unittest.main()
