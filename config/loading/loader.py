"""Makes Settings from the command line, the environment and files."""

from collections.abc import Mapping, Sequence

from catalog.lookup import Found
from config.errors import SettingsError, hide, mask_text, one_line, shown_name
from config.files.active_profiles import Profiles
from config.files.config_data import ConfigData
from config.files.platforms import pod_name
from config.librdkafka import client_config
from config.loading import checks, own_properties
from config.loading.binders import binder_sources
from config.loading.bytewax_env import refuse_cluster
from config.loading.known_names import OURS, is_read
from config.loading.resolver import Resolver
from config.loading.unknown import report_unknown
from config.loading.without_effect import refuse_without_effect, without_effect
from config.secret_values import secret_values
from config.settings import Settings, properties
from config.spring.names import uniform
from config.spring.own_property import OwnProperty
from config.spring.sources.application_json import JSON_PROPERTY, application_json
from config.spring.sources.cloud_foundry import cloud_foundry
from config.spring.sources.java_options import java_options, java_variables
from config.spring.sources.source import Environment, Source, command_line, environment
from config.unsupported import spring_names
from config.unsupported.refused_values import refuse_values
from config.worker import SEED, WorkerSlot
from python_processor.properties import REQUIRED

DEFAULT = Settings.model_fields["function"].default


def load(argv: Sequence[str], environ: Mapping[str, str], *, functions: bool = True) -> Settings:
    """Return the settings of the command line, the environment and the files in Spring's places.

    Reads files. Connects to nothing.

    Args:
        argv: The arguments, without the program's name.
        environ: The environment.
        functions: Whether to import the functions. Without them their properties are unknown. So
            names are not checked then, nor the settings together.

    Raises:
        SettingsError: The settings cannot be used. The text is one line.
    """
    options = (argument.removeprefix("--").partition("=") for argument in argv)
    written = [*environ.items(), *((name, value) for name, _, value in options)]
    try:
        return _load(argv, environ, functions=functions)
    except SettingsError as error:
        raise SettingsError(hide(str(error), secret_values(written))) from None


def _load(argv: Sequence[str], environ: Mapping[str, str], *, functions: bool) -> Settings:
    refuse_cluster(environ)
    worker_slot = WorkerSlot.of(environ)
    seed = worker_slot.seed if worker_slot else SEED
    sources, warnings, profiles = property_sources(argv, environ, seed)
    _refuse_names(sources)
    resolver = Resolver(sources, seed)
    written = [pair for source in sources for pair in source.values.items()]
    try:
        settings, more = _settings(resolver, sources, pod_name(environ), imports=functions)
    except SettingsError as error:
        secrets = (*secret_values([*written, *resolver.secret_texts()]), *resolver.secrets)
        raise SettingsError(hide(str(error), secrets)) from None
    found = secret_values([*written, *resolver.secret_texts()])
    secrets = tuple(dict.fromkeys((*found, *resolver.secrets)))
    notices = tuple(one_line(hide(mask_text(line), secrets)) for line in settings.notices)
    all_warnings = (
        one_line(hide(mask_text(line), secrets)) for line in (*warnings, *resolver.warnings, *more)
    )
    return settings.model_copy(
        update={
            # The parent process has logged them.
            "warnings": () if worker_slot else tuple(dict.fromkeys(all_warnings)),
            "notices": () if worker_slot else notices,
            "secrets": secrets,
            "active_profiles": profiles.active,
            "default_profiles": profiles.default,
            "random_names": resolver.random_names(),
            "worker_slot": worker_slot,
            "instance_id": worker_slot.instance_id if worker_slot else settings.instance_id,
        }
    )


def _settings(
    resolver: Resolver, sources: Sequence[Source], pod: str | None, *, imports: bool
) -> tuple[Settings, list[str]]:
    """Return the settings and warnings. `imports` is whether to import the functions."""
    resolver.sources, unused = binder_sources(sources, resolver)
    values = {field: resolver.value(field, prop) for field, prop in properties().items()}
    functions, declared, own_values = _functions(resolver, values) if imports else ((), (), {})
    settings = Settings(
        functions=functions,
        own=declared,
        own_values=own_values,
        **{field: value for field, value in values.items() if value is not None},  # type: ignore[arg-type]  # pydantic checks the types
        pod=pod,
        origins=resolver.origins,
        sources=tuple(sources),
    )
    if not imports:
        return settings, []
    own = set(map(uniform, own_values))
    refuse_values(sources, lambda form: form in own or is_read(form, variable=False))
    # With the environment of a binder, whose values are checked as the plain properties' are.
    checks.check(settings.model_copy(update={"sources": tuple(resolver.sources)}))
    refuse_without_effect(settings)
    settings.check_paths()
    left_out = [*checks.warnings(settings), *without_effect(settings)]
    more, notices = report_unknown([*resolver.sources, *sources], resolver.text, tuple(own_values))
    batch_size = (
        client_config.max_poll_records(settings)
        if "batch_size" not in settings.model_fields_set
        else None
    )
    lines = [*more, *unused, *left_out, *client_config.warnings(settings)]
    settings = settings.model_copy(
        update={"notices": tuple(notices), "batch_size": batch_size or settings.batch_size}
    )
    return checks.without_unusable_dead_letters(settings), lines


def _functions(
    resolver: Resolver, values: dict[str, object]
) -> tuple[tuple[Found, ...], tuple[OwnProperty, ...], dict[str, object]]:
    """Return the named functions, the properties that they declare, and their values."""
    definition = str(values["function"] or DEFAULT)
    folders: tuple[str, ...] = values["function_path"] or ()  # type: ignore[assignment]  # LIST parses to this type
    entry = next(filter(None, map(resolver.origins.get, ("function",))), None)
    functions = own_properties.named(definition, folders, entry.origin if entry else "default")
    declared = own_properties.own_properties(functions, is_read)
    found = dict[str, object]()
    for each in declared:
        value = resolver.single(each.prop, each.default)
        if value is None and each.default is REQUIRED:
            raise SettingsError(
                f"{each.name} is not set: {each.description} Allowed is {each.prop.kind.allowed}"
            )
        found[each.name] = each.default if value is None else value
    return functions, declared, found


def _refuse_names(sources: Sequence[Source]) -> None:
    """Refuse a property's name that is no UTF-8 text. A variable of another program passes."""
    for source, name in ((each, name) for each in sources for name in each.values):
        if _is_utf_8(name) or (
            isinstance(source, Environment) and not any(map(_is_ours, source.forms(name)))
        ):
            continue
        raise SettingsError(
            f"{shown_name(name)} ({source.entry(name).origin}) is not allowed: its name is no "
            f"UTF-8 text; write it in UTF-8, or remove it"
        )


def _is_utf_8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_ours(form: str) -> bool:
    return is_read(form) or form.startswith((*OURS, *spring_names.PREFIXES))


def property_sources(
    argv: Sequence[str], environ: Mapping[str, str], seed: str = SEED
) -> tuple[list[Source], list[str], Profiles]:
    """Return all sources, the highest first, warnings, and the profiles. Reads files.

    Args:
        argv: The arguments, without the program's name.
        environ: The environment.
        seed: The seed of ${random.*}.

    Raises:
        SettingsError: A source cannot be read.
    """
    options, rest = java_options(argv)
    arguments, variables = command_line(rest), environment(environ)
    documents = (source.find(JSON_PROPERTY) for source in (arguments, options, variables))
    document = next(filter(None, documents), None)
    json = (
        [application_json(document.value, document.name)]
        if document and document.value.strip()
        else []
    )
    vcap, warnings = cloud_foundry(environ)
    warnings += java_variables(environ)
    above = [arguments, *vcap, *json, *([options] if options.values else []), variables]
    data = ConfigData(above, environ, seed)
    return [*above, *data.sources()], [*warnings, *data.warnings], data.profiles
