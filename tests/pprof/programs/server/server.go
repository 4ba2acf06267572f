// A service as profiles are fetched from: over TCP, TLS and a unix socket.
//
//	server SOCKET AUTHORITY PROFILE
//
// prints the addresses of the first two and writes the certificate of its authority into a file. /fixed/... serves the
// file PROFILE, so that two tools see the same.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"time"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func burn() {
	for x := 0; ; x++ {
		if x < 0 {
			return
		}
	}
}

// A certificate for 127.0.0.1, signed by an authority that is written to `path`.
func certificate(path string) tls.Certificate {
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tests"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	signer := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	root := must(x509.CreateCertificate(rand.Reader, authority, authority, &signer.PublicKey, signer))
	leaf := must(x509.CreateCertificate(rand.Reader, server, authority, &key.PublicKey, signer))
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root})
	if err := os.WriteFile(path, text, 0o644); err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{leaf}, PrivateKey: key}
}

func main() {
	fixed := must(os.ReadFile(os.Args[3]))
	serve := func(w http.ResponseWriter, r *http.Request) { w.Write(fixed) }
	http.HandleFunc("/fixed/debug/pprof/profile", serve)
	http.HandleFunc("/query/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "gc=1&seconds=2" {
			http.Error(w, "asked "+r.URL.RawQuery, http.StatusBadRequest)
			return
		}
		serve(w, r)
	})
	http.Handle("/moved/", http.RedirectHandler("/fixed/debug/pprof/profile", http.StatusFound))
	http.Handle("/round/", http.RedirectHandler("/round/", http.StatusFound))
	http.HandleFunc("/chunks/", func(w http.ResponseWriter, r *http.Request) {
		for at := 0; at < len(fixed); at += 100 {
			w.Write(fixed[at:min(at+100, len(fixed))])
			w.(http.Flusher).Flush()
		}
	})
	http.HandleFunc("/cut/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(fixed)))
		w.Write(fixed[:len(fixed)/2])
	})
	http.HandleFunc("/never/", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
	})
	http.HandleFunc("/secret/", func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); !ok || user != "sre" || password != "3am" {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		serve(w, r)
	})
	http.HandleFunc("/text/", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<html>hello</html>") })

	go burn()
	plain := must(net.Listen("tcp", "127.0.0.1:0"))
	secure := must(tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate(os.Args[2])}}))
	socket := must(net.Listen("unix", os.Args[1]))
	fmt.Println(plain.Addr())
	fmt.Println(secure.Addr())
	go http.Serve(secure, nil)
	go http.Serve(socket, nil)
	http.Serve(plain, nil)
}
