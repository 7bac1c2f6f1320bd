package cosmostest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// keep reads a certificate and its key, and makes them where there are none.
func keep(certificate, key string, hosts []string) (pair, error) {
	_, noCertificate := os.Stat(certificate)
	_, noKey := os.Stat(key)
	if errors.Is(noCertificate, fs.ErrNotExist) && errors.Is(noKey, fs.ErrNotExist) {
		if err := write(certificate, key, hosts); err != nil {
			return pair{}, err
		}
	}
	cert, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return pair{}, err
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		return pair{}, fmt.Errorf("%s: %w", certificate, err)
	}
	return pair{cert, leaf}, nil
}

// write makes a certificate and its key.
func write(certificate, key string, hosts []string) error {
	p, err := generate(hosts)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(p.tls.PrivateKey)
	if err != nil {
		return err
	}
	if err := os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.leaf.Raw}), 0o644)
}
