#include "support/wrappings.h"

#include <algorithm>
#include <random>

#include "base/format.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace gopsy::test {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  LineReader reader(text);
  while (reader.next()) lines.push_back(reader.line());
  return lines;
}

// A clock that goes on by so many microseconds a line.
std::string iso(std::size_t line, std::size_t micros = 137) {
  const std::size_t us = line * micros;
  return fmt::format("2026-11-22T10:{:02}:{:02}.{:06}", us / 60'000'000 % 60, us / 1'000'000 % 60, us % 1'000'000);
}

template <class Each>
std::string each_line(std::string_view text, const Each& each) {
  std::string out;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(text)) out += each(line, number++);
  return out;
}

std::string with_prefix(std::string_view text, std::string_view prefix) {
  return each_line(text, [&](std::string_view line, std::size_t) { return fmt::format("{}{}\n", prefix, line); });
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::string docker(std::string_view text) { return in_docker_json(text); }
std::string docker_in_small_parts(std::string_view text) { return in_docker_json(text, 31); }
std::string cri(std::string_view text) { return in_cri(text); }
std::string cri_in_small_parts(std::string_view text) { return in_cri(text, 29); }
std::string journald(std::string_view text) { return in_journald(text); }

std::string syslog_5424(std::string_view text) {
  return each_line(text, [](std::string_view line, std::size_t i) {
    return fmt::format("<11>1 {}Z web-1 shop 4711 - [meta seq=\"{}\" note=\"a ] in \\\"quotes\\\"\"] {}\n", iso(i), i,
                       line);
  });
}

std::string journald_json(std::string_view text) {
  return each_line(text, [](std::string_view line, std::size_t i) {
    if (line.empty()) return std::string();
    std::string message = json_string(line);
    if (line.contains('\t')) {
      message = "[";
      for (const char c : line)
        message += fmt::format("{}{}", message.size() > 1 ? "," : "", static_cast<unsigned char>(c));
      message += "]";
    }
    return fmt::format(
        "{{\"__CURSOR\":\"s=1;i={}\",\"_PID\":\"4711\",\"PRIORITY\":\"6\",\"MESSAGE\":{},\"_HOSTNAME\":\"web\",\"__"
        "REALTIME_TIMESTAMP\":\"{}\"}}\n",
        i, message, 1795600000000000 + i * 137);
  });
}

std::string zap_by_line(std::string_view text) {
  return each_line(text, [](std::string_view line, std::size_t i) {
    return fmt::format("{{\"level\":\"error\",\"ts\":{}.{:06},\"caller\":\"run/output.go:{}\",\"msg\":{}}}\n",
                       1795600000 + i / 1000, i % 1000 * 1000, 40 + i % 3, json_string(line));
  });
}

std::string zap_in_one_field(std::string_view text) {
  return fmt::format(
      "{{\"level\":\"info\",\"ts\":1795600000.1,\"msg\":\"start\"}}\n{{\"level\":\"error\",\"ts\":1795600001.5,"
      "\"logger\":\"run\",\"msg\":\"process ended\",\"stderr\":{}}}\n",
      json_string(text));
}

std::string zap_message_and_stack(std::string_view text) {
  const auto at = text.find("\ngoroutine ");
  const std::string_view message = text.substr(0, at);
  const std::string_view stack = at == std::string_view::npos ? "" : text.substr(at + 1);
  return fmt::format("{{\"level\":\"fatal\",\"ts\":\"{}Z\",\"msg\":{},\"stacktrace\":{}}}\n", iso(7),
                     json_string(message), json_string(stack));
}

std::string slog_text(std::string_view text) {
  return each_line(text, [](std::string_view line, std::size_t i) {
    return fmt::format("time={}+01:00 level=ERROR msg={} unit=shop\n", iso(i), json_string(line));
  });
}

std::string kubectl_prefix(std::string_view text) { return with_prefix(text, "[pod/web-7d4b9c-x2x4p/app] "); }
std::string compose(std::string_view text) { return with_prefix(text, "web-1  | "); }
std::string compose_of_docker_json(std::string_view text) { return compose(in_docker_json(text)); }
std::string docker_of_cri(std::string_view text) { return in_docker_json(in_cri(text)); }
std::string stern(std::string_view text) { return with_prefix(text, "web-7d4b9c-x2x4p app "); }
std::string quoted(std::string_view text) { return "I got this:\n\n" + with_prefix(text, "> ") + "\nAny idea?\n"; }
std::string indented(std::string_view text) { return with_prefix(text, "    "); }

std::string unknown_prefix(std::string_view text) {
  return each_line(text, [](std::string_view line, std::size_t i) {
    return fmt::format("{:08} {} <shop@eu-1> #4711: {}\n", 100 + i, iso(i), line);
  });
}

std::string timestamps(std::string_view text) {
  return each_line(text, [](std::string_view line, std::size_t i) { return fmt::format("{}Z {}\n", iso(i), line); });
}

std::string trimmed(std::string_view text) {
  return each_line(text, [](std::string_view line, std::size_t) { return fmt::format("{}\n", trim(line)); });
}

std::string spaces_for_tabs(std::string_view text) { return replaced(std::string(text), "\t", "        "); }

std::string go_test_json(std::string_view text) {
  return each_line(text, [](std::string_view line, std::size_t i) {
    return fmt::format(
        "{{\"Time\":\"{}Z\",\"Action\":\"output\",\"Package\":\"example.com/"
        "shop\",\"Test\":\"Test{}\",\"Output\":{}}}\n",
        iso(i), i % 2, json_string(std::string(line) + "\n"));
  });
}

std::string loki_jsonl(std::string_view text) { return in_jsonl_backwards(text); }

std::string csv(std::string_view text) {
  return "\"timestamp\",\"host\",\"message\"\n" + each_line(text, [](std::string_view line, std::size_t i) {
           return fmt::format("{}Z,web-1,\"{}\"\n", iso(i), replaced(std::string(line), "\"", "\"\""));
         });
}

std::string cloudwatch(std::string_view text) {
  std::string out = "{\n    \"events\": [\n";
  out += each_line(text, [](std::string_view line, std::size_t i) {
    return fmt::format(
        "        {{\n            \"timestamp\": {},\n            \"message\": {},\n            \"ingestionTime\": {}\n "
        "       }},\n",
        1795600000000 + i / 9, json_string(line), 1795600000900 + i);
  });
  return out + "    ],\n    \"nextForwardToken\": \"f/1\"\n}\n";
}

// `gcloud logging read --format=json`: the newest entry first, each printed over many lines, its time below its text.
std::string gcloud_newest_first(std::string_view text) {
  const auto lines = lines_of(text);
  std::string out = "[\n";
  for (std::size_t i = lines.size(); i-- > 0;)
    out += fmt::format(
        "  {{\n    \"insertId\": \"a{0}\",\n    \"resource\": {{\n      \"type\": \"k8s_container\"\n    }},\n    "
        "\"textPayload\": {1},\n    \"timestamp\": \"{2}Z\"\n  }}{3}\n",
        i, json_string(lines[i]), iso(i), i == 0 ? "" : ",");
  return out + "]\n";
}

std::string loki_answer(std::string_view text) {
  std::string out =
      "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":[{\"stream\":{\"app\":\"shop\",\"pod\":"
      "\"web-1\"},\"values\":[";
  out += each_line(text, [](std::string_view line, std::size_t i) {
    return fmt::format("{}[\"{}\",{}]", i == 0 ? "" : ",", 1795600000000000000 + i, json_string(line));
  });
  return out + "]}]}}\n";
}

std::string elastic_hits(std::string_view text) {
  std::string out = "{\"took\":3,\"hits\":{\"total\":9,\"hits\":[";
  out += each_line(text, [](std::string_view line, std::size_t i) {
    return fmt::format(
        "{}{{\"_index\":\"logs\",\"_id\":\"x{}\",\"_source\":{{\"@timestamp\":\"{}Z\",\"message\":{},\"log\":{{"
        "\"offset\":{}}}}}}}",
        i == 0 ? "" : ",", i, iso(i / 50), json_string(line), 1000 + i * 80);
  });
  return out + "]}}\n";
}

std::string fluent_bit(std::string_view text) {
  return each_line(text, [](std::string_view line, std::size_t i) {
    return fmt::format(
        "{{\"date\":{}.{:06},\"stream\":\"stderr\",\"logtag\":\"F\",\"log\":{},\"kubernetes\":{{\"pod_name\":\"web-1\","
        "\"labels\":{{\"app\":\"shop\"}},\"container_name\":\"app\"}}}}\n",
        1795600000 + i / 1000, i % 1000 * 1000, json_string(line));
  });
}

std::string heroku(std::string_view text) {
  return each_line(text, [](std::string_view line, std::size_t i) {
    return fmt::format("{}+00:00 app[web.1]: {}\n", iso(i), line);
  });
}

std::string coloured(std::string_view text) {
  return each_line(text, [](std::string_view line, std::size_t) {
    return fmt::format("\x1B[36mweb-1  |\x1B[0m \x1B[31m{}\x1B[0m\r\n", line);
  });
}

std::string html(std::string_view text) {
  std::string out = "<pre>\n";
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&#34;";
    else if (c == '+')
      out += "&#43;";
    else if (c == '\t')
      out += "\xC2\xA0\xC2\xA0\xC2\xA0\xC2\xA0";
    else
      out += c;
  }
  return out + "</pre>\n";
}

std::string crlf_and_mark(std::string_view text) { return "\xEF\xBB\xBF" + replaced(std::string(text), "\n", "\r\n"); }
std::string fenced(std::string_view text) { return "Prod died:\n```\n" + std::string(text) + "```\nhelp\n"; }
std::string without_blank_lines(std::string_view text) {
  return replaced(replaced(std::string(text), "\n\n", "\n"), "\n\n", "\n");
}

std::string rsyslog_in_one_line(std::string_view text) {
  return "Nov 22 20:01:01 web-1 shop[4711]: " + replaced(replaced(std::string(text), "\n", "#012"), "\t", "#011") +
         "\n";
}

// Four lines for each of the crash, and some after it.
std::string chatter_beside(std::string_view text) { return chatter(4 * lines_of(text).size() + 20); }

std::string among_chatter(std::string_view text) { return interleaved(text, chatter_beside(text), 7); }
std::string docker_among_stdout(std::string_view text) {
  return interleaved(in_docker_json(text), in_docker_json(chatter_beside(text), 16384, "stdout"), 3);
}
std::string compose_among_others(std::string_view text) {
  return interleaved(compose(text), with_prefix(chatter_beside(text), "db-1   | "), 11);
}

}  // namespace

std::string in_docker_json(std::string_view text, std::size_t split, std::string_view stream) {
  return each_line(text, [&](std::string_view line, std::size_t i) {
    std::string out;
    const std::string whole = std::string(line) + "\n";
    for (std::size_t at = 0; at < whole.size(); at += split)
      out += fmt::format("{{\"log\":{},\"stream\":\"{}\",\"time\":\"{}789Z\"}}\n", json_string(whole.substr(at, split)),
                         stream, iso(i));
    return out;
  });
}

std::string in_cri(std::string_view text, std::size_t split, std::string_view stream) {
  return each_line(text, [&](std::string_view line, std::size_t i) {
    std::string out;
    std::string_view rest = line;
    do {
      const bool last = rest.size() <= split;
      out += fmt::format("{}789Z {} {} {}\n", iso(i), stream, last ? 'F' : 'P', rest.substr(0, split));
      rest.remove_prefix(std::min(split, rest.size()));
      if (last) break;
    } while (true);
    return out;
  });
}

std::string in_journald(std::string_view text, std::string_view unit) {
  return each_line(text, [&](std::string_view line, std::size_t i) {
    if (line.empty()) return std::string();
    return fmt::format("Nov 22 20:01:{:02} web-1 {}: {}\n", i / 1000 % 60, unit, line);
  });
}

std::string in_jsonl_backwards(std::string_view text) {
  auto lines = lines_of(text);
  std::string out;
  for (std::size_t i = lines.size(); i-- > 0;)
    out += fmt::format("{{\"labels\":{{\"app\":\"shop\"}},\"line\":{},\"timestamp\":\"{}Z\"}}\n", json_string(lines[i]),
                       iso(i / 3, 1000));
  return out;
}

std::string interleaved(std::string_view a, std::string_view b, std::uint32_t seed) {
  const auto first = lines_of(a);
  const auto second = lines_of(b);
  std::mt19937 random(seed);
  std::string out;
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < first.size() || k < second.size()) {
    const bool take_first =
        k == second.size() || (i < first.size() && random() % (first.size() + second.size()) < first.size());
    (out += take_first ? first[i++] : second[k++]) += '\n';
  }
  return out;
}

std::string chatter(std::size_t lines) {
  std::string out;
  for (std::size_t i = 0; i < lines; ++i)
    out += fmt::format("2026/11/22 10:00:{:02} GET /cart/{} 200 {}ms user={}\n", i % 60, i * 7919 % 1000, i % 90,
                       i * 31 % 977);
  return out;
}

const std::vector<Wrapping>& wrappings() {
  static const std::vector<Wrapping> all{
      {"Docker", docker},
      {"DockerInSmallParts", docker_in_small_parts},
      {"Cri", cri},
      {"CriInSmallParts", cri_in_small_parts},
      {"Journald", journald},
      {"Syslog5424", syslog_5424},
      {"JournaldJson", journald_json},
      {"ZapByLine", zap_by_line},
      {"ZapInOneField", zap_in_one_field},
      {"ZapMessageAndStack", zap_message_and_stack},
      {"SlogText", slog_text},
      {"KubectlPrefix", kubectl_prefix},
      {"Compose", compose},
      {"ComposeOfDockerJson", compose_of_docker_json},
      {"DockerOfCri", docker_of_cri},
      {"Stern", stern},
      {"Quoted", quoted, true},
      {"Indented", indented},
      {"UnknownPrefix", unknown_prefix},
      {"Timestamps", timestamps},
      {"Trimmed", trimmed},
      {"SpacesForTabs", spaces_for_tabs},
      {"GoTestJson", go_test_json},
      {"LokiJsonlBackwards", loki_jsonl},
      {"Csv", csv},
      {"CloudWatch", cloudwatch},
      {"GcloudNewestFirst", gcloud_newest_first},
      {"LokiAnswer", loki_answer},
      {"ElasticHits", elastic_hits},
      {"FluentBit", fluent_bit},
      {"Heroku", heroku},
      {"Coloured", coloured},
      {"Html", html, true},
      {"CrlfAndMark", crlf_and_mark},
      {"Fenced", fenced, true},
      {"WithoutBlankLines", without_blank_lines},
      {"RsyslogInOneLine", rsyslog_in_one_line},
      {"AmongChatter", among_chatter, true},
      {"DockerAmongStdout", docker_among_stdout, true},
      {"ComposeAmongOthers", compose_among_others, true},
  };
  return all;
}

}  // namespace gopsy::test
