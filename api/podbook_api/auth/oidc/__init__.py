"""Tokens of an issuer that the cluster does not know, verified here as kube-apiserver would."""
