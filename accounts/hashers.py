"""Argon2id with the cost that OWASP recommends for it."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Django's default takes 100 MiB and eight threads a guess, so sixteen sign-ins at once would
    take down a small machine. 19 MiB and two rounds take some 50 ms."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
