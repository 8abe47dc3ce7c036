# Podbook's images, one target each: api, operator, runner, catalog, kernel, kernel-scientific.
#
#   buildah bud --target api -t podbook/api .          (docker build takes the same arguments)
#
# They run as any user that is not root, on a read-only root. BASE is any Linux that has Python
# 3.11 or later as python3, with its venv module.
ARG BASE=python:3.11-slim
# The same with Git and an ssh client, of which the target catalog is made; where they are missing
# they are installed by apt.
ARG GIT_BASE=${BASE}

# Installed here and copied from here: no pip, cache or build tool gets into an image.
FROM ${BASE} AS tools
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
RUN python3 -m venv /opt/tools && python3 -m venv --without-pip /opt/podbook
ENV INSTALL="/opt/tools/bin/pip --python /opt/podbook/bin/python install --quiet"

# Podbook itself: a layer of its own, so that a change of it leaves the large ones as they are.
FROM tools AS own
COPY images/build.lock images/
RUN /opt/tools/bin/pip install --quiet --require-hashes -r images/build.lock
COPY pyproject.toml README.md LICENSE ./
COPY api api
COPY catalog catalog
COPY cli cli
COPY crds crds
COPY kube kube
COPY local local
COPY operator operator
COPY runner runner
COPY sdk sdk
RUN /opt/tools/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels . \
 && $INSTALL --no-deps --no-index /wheels/*.whl

FROM tools AS api-installed
COPY images/api.lock images/
RUN $INSTALL --require-hashes -r images/api.lock

FROM tools AS operator-installed
COPY images/operator.lock images/
RUN $INSTALL --require-hashes -r images/operator.lock

FROM tools AS runner-installed
COPY images/runner.lock images/
RUN $INSTALL --require-hashes -r images/runner.lock

FROM tools AS kernel-installed
COPY images/kernel.lock images/
RUN $INSTALL --require-hashes -r images/kernel.lock

FROM tools AS kernel-scientific-installed
COPY images/kernel-scientific.lock images/
RUN $INSTALL --require-hashes -r images/kernel-scientific.lock

# A user by number alone: Kubernetes can see that it is not root. The files belong to root. Programs
# that ask who they are get a name from LOGNAME, where a number has none.
FROM ${BASE} AS plain
ENV PATH=/opt/podbook/bin:/usr/local/bin:/usr/bin:/bin \
    LOGNAME=podbook \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /work
USER 65532:65532

FROM plain AS api
COPY --from=api-installed /opt/podbook /opt/podbook
COPY --from=own /opt/podbook /opt/podbook
ENTRYPOINT ["podbook-api"]

# Follows a Git repository. An ssh client does not start as a user that has no name.
FROM ${GIT_BASE} AS catalog
RUN command -v git ssh >/dev/null \
 || { apt-get update && apt-get install --yes --no-install-recommends git openssh-client \
      && rm -rf /var/lib/apt/lists/*; }
RUN echo "podbook:x:65532:65532::/work:/usr/sbin/nologin" >> /etc/passwd
ENV PATH=/opt/podbook/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /work
USER 65532:65532
COPY --from=api-installed /opt/podbook /opt/podbook
COPY --from=own /opt/podbook /opt/podbook
ENTRYPOINT ["podbook-catalog"]

FROM plain AS operator
COPY --from=operator-installed /opt/podbook /opt/podbook
COPY --from=own /opt/podbook /opt/podbook
ENTRYPOINT ["podbook-operator"]

FROM plain AS runner
COPY --from=runner-installed /opt/podbook /opt/podbook
COPY --from=own /opt/podbook /opt/podbook
ENTRYPOINT ["podbook-runner"]

# A kernel image holds a Jupyter kernel and the libraries of its notebooks: nothing of Podbook.
FROM plain AS kernel
COPY --from=kernel-installed /opt/podbook /opt/podbook
CMD ["python"]

FROM plain AS kernel-scientific
COPY --from=kernel-scientific-installed /opt/podbook /opt/podbook
CMD ["python"]
