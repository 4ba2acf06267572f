#!/usr/bin/env python3
"""The pages of `gopsy pprof -http`: what they show is what the commands print, and nobody else can read them."""
import gzip
import http.client
import os
import pathlib
import re
import socket
import subprocess
import sys
import unittest
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOPSY = os.environ.get("GOPSY_BINARY", str(ROOT / "build/release/gopsy"))
PROFILE = str(ROOT / "examples/incident/cpu.pb.gz")


def printed(*flags):
    return subprocess.run([GOPSY, "pprof", *flags, PROFILE], capture_output=True, text=True, check=True).stdout


def text_of(page):
    pre = re.search(r"<pre>(.*?)</pre>", page, re.S)[1]
    pre = re.sub(r"<[^>]*>", "", pre)
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&apos;", "'"), ("&amp;", "&")):
        pre = pre.replace(entity, char)
    return pre.rstrip("\n")


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen([GOPSY, "pprof", "-http=localhost:0", "-no_browser", PROFILE],
                                      stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        line = cls.server.stderr.readline()
        cls.port = int(re.search(r"http://localhost:(\d+)", line)[1])

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.server.wait()
        cls.server.stderr.close()

    def ask(self, path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body

    def page(self, path, **query):
        answer, body = self.ask(path + "?" + urllib.parse.urlencode(query))
        self.assertEqual(answer.status, 200, body)
        self.assertTrue(answer.getheader("Content-Type").startswith("text/html"))
        return body.decode()

    def test_tables_are_those_of_the_commands(self):
        self.assertEqual(text_of(self.page("/top", n=20)), printed("-top", "-nodecount=20").rstrip("\n"))
        self.assertEqual(text_of(self.page("/peek", f="checkSum")), printed("-peek=checkSum").rstrip("\n"))
        self.assertEqual(text_of(self.page("/tree", si="samples", g="lines", i="runtime")),
                         printed("-tree", "-sample_index=samples", "-lines", "-ignore=runtime").rstrip("\n"))

    def test_names_of_the_table_lead_to_their_callers(self):
        page = self.page("/top", n=5, si="samples")
        link = re.search(r'<a href="(/peek\?f=[^"]*)"', page)[1].replace("&amp;", "&")
        self.assertIn("si=samples", link)
        self.assertIn("calls%", self.ask(link)[1].decode())

    def test_the_first_page_frames_a_flame_graph(self):
        page = self.page("/", f="sha256")
        frame = re.search(r'<iframe [^>]*src="([^"]*)"', page)[1].replace("&amp;", "&")
        answer, body = self.ask(frame)
        self.assertEqual(answer.getheader("Content-Type"), "image/svg+xml")
        self.assertEqual(body.decode(), printed("-flamegraph", "-focus=sha256"))

    def test_the_profile_can_be_saved(self):
        answer, body = self.ask("/download")
        self.assertIn("attachment", answer.getheader("Content-Disposition"))
        original = subprocess.run([GOPSY, "pprof", "-proto", PROFILE], capture_output=True, check=True).stdout
        self.assertEqual(gzip.decompress(body), gzip.decompress(original))

    def test_every_page_has_all_links_and_keeps_the_settings(self):
        for path in ("/flamegraph", "/top", "/graph", "/tree", "/peek", "/source", "/disasm", "/traces", "/tags"):
            page = self.page(path, f="json", n=3)
            self.assertEqual(page.count('aria-current="page"'), 1, path)
            self.assertEqual(page.count('?f=json&amp;n=3"'), 10 + page.count("<iframe"), path)
            self.assertIn('<input type="hidden" name="n" value="3">', page)

    def test_what_is_wrong_stands_in_the_page(self):
        self.assertIn('class="notice">parsing argument regexp', self.page("/peek", f="("))
        self.assertIn("&lt;script&gt;", self.page("/peek", f="<script>"))
        self.assertNotIn("<script>", self.page("/peek", f="<script>"))
        self.assertEqual(self.ask("/nothing")[0].status, 404)
        self.assertEqual(self.ask("/flamegraph.svg?f=(")[0].status, 400)

    def test_only_loopback_names_and_only_get(self):
        self.assertEqual(self.ask("/top", Host="attacker.example")[0].status, 403)
        self.assertEqual(self.ask("/top", Host="127.0.0.1")[0].status, 200)
        self.assertEqual(self.ask("/top", method="POST")[0].status, 405)
        answer, body = self.ask("/top", method="HEAD")
        self.assertEqual((answer.status, body), (200, b""))

    def test_noise_and_silence_do_not_keep_others_waiting(self):
        silent = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(8)]
        silent[0].sendall(b"\0\xff garbage\r\n\r\n")
        silent[1].sendall(b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 200_000)
        self.assertIn("flat%", self.page("/top"))
        for one in silent:
            one.close()


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
